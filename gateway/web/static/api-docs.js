// Starts the reference of the API. Its calls go out as the reader who is signed in, with the token that writes need, and
// with a new Idempotency-Key where a call that creates something is given none.
const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

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
      const named = Object.keys(request.headers).some((name) => name.toLowerCase() === "idempotency-key");
      if (own && request.method === "POST" && !named) {
        request.headers["Idempotency-Key"] = newKey();
      }
      return request;
    },
  });
});
