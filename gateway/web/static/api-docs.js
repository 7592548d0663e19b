// Starts the reference of the API. Its calls go out as the reader who is signed in, with the token that writes need.
document.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("reference");
  SwaggerUIBundle({
    url: place.dataset.document,
    domNode: place,
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: -1,
    validatorUrl: null,
    requestInterceptor: (request) => {
      const own = new URL(request.url, location.href).origin === location.origin;
      if (own && place.dataset.formToken && !request.headers.Authorization) {
        request.headers["X-Form-Token"] = place.dataset.formToken;
      }
      return request;
    },
  });
});
