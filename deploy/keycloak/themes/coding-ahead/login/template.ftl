<#import "field.ftl" as field>
<#-- Who is signing in, where a step after the first one asks: with the way back to another account. -->
<#macro username>
<p class="signing-in"><span class="field__hint">${msg("email")}</span> <strong id="kc-attempted-username">${auth.attemptedUsername}</strong>
<a id="reset-login" href="${url.loginRestartFlowUrl}">${msg("restartLoginTooltip")}</a></p>
</#macro>

<#macro mark><svg viewBox="0 0 32 32" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"><path d="M11 6H5v20h6M21 6h6v20h-6"/><circle cx="16" cy="16" r="2.5" fill="currentColor"/></svg>${realm.displayName!''}</#macro>

<#-- The frame that every page of Keycloak calls; the names of its parameters are Keycloak's. -->
<#macro registrationLayout bodyClass="" displayInfo=false displayMessage=true displayRequiredFields=false>
<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${msg("loginTitle", (realm.displayName!''))}</title>
<link rel="icon" href="${url.resourcesPath}/img/icon.svg" type="image/svg+xml">
<#list properties.styles?split(' ') as style>
<link rel="stylesheet" href="${url.resourcesPath}/${style}">
</#list>
<script type="importmap">{"imports": {"rfc4648": "${url.resourcesCommonPath}/vendor/rfc4648/rfc4648.js"}}</script>
<#if scripts??><#list scripts as script>
<script src="${script}"></script>
</#list></#if>
<script type="module" src="${url.resourcesPath}/js/passwordVisibility.js"></script>
<#-- A page that stands open while its reader signs in elsewhere in the browser goes on by itself. -->
<script type="module">
import { startSessionPolling } from "${url.resourcesPath}/js/authChecker.js";
startSessionPolling("${url.ssoLoginInOtherTabsUrl?no_esc}");
</script>
<#if authenticationSession??>
<script type="module">
import { checkAuthSession } from "${url.resourcesPath}/js/authChecker.js";
checkAuthSession("${authenticationSession.authSessionIdHash}");
</script>
</#if>
</head>
<body data-page-id="login-${pageId}">
<a class="skip-link" href="#main">${msg("skipToContent")}</a>
<header class="site-header">
  <div class="wrap site-header__row">
    <#if (client.baseUrl)?has_content><a class="wordmark" href="${client.baseUrl}"><@mark/></a><#else><span class="wordmark"><@mark/></span></#if>
  </div>
</header>
<main id="main" class="wrap page-body">
  <div class="page-head"><h1 id="kc-page-title"><#nested "header"></h1></div>
  <#if auth?has_content && auth.showUsername() && !auth.showResetCredentials()>
    <#nested "show-username">
    <@username/>
  </#if>
  <#-- An action that the site itself asked for needs no warning that it must be done. -->
  <#if displayMessage && message?has_content && (message.type != 'warning' || !isAppInitiatedAction??)>
  <div class="callout<#if message.type = 'error'> callout--stop<#elseif message.type = 'warning'> callout--warn</#if> form-defects" role="<#if message.type = 'error'>alert<#else>status</#if>"><p>${kcSanitize(message.summary)?no_esc}</p></div>
  </#if>
  <#nested "form">
  <#if auth?has_content && auth.showTryAnotherWayLink()>
  <form class="form other-way" action="${url.loginAction}" method="post">
    <input type="hidden" name="tryAnotherWay" value="on">
    <button id="try-another-way" class="button button--quiet" type="submit">${msg("doTryAnotherWay")}</button>
  </form>
  </#if>
  <#nested "socialProviders">
  <#if displayInfo>
  <div id="kc-info" class="way-on"><#nested "info"></div>
  </#if>
</main>
</body>
</html>
</#macro>
