<#import "template.ftl" as layout>
<#import "field.ftl" as field>
<#-- Keycloak's own page names fields that are not there in its labels; this one has the site's words. -->
<@layout.registrationLayout displayMessage=!messagesPerField.existsError('totp','userLabel'); section>
<#if section = "header">
${msg("loginTotpTitle")}
<#elseif section = "form">
<p>${msg("secondFactorIntro")}</p>
<#if mode?? && mode = "manual">
<p>${msg("loginTotpManualStep2")} <code id="kc-totp-secret-key" class="secret">${totp.totpSecretEncoded}</code></p>
<p><a href="${totp.qrUrl}" id="mode-barcode">${msg("loginTotpScanBarcode")}</a></p>
<#else>
<p><img id="kc-totp-secret-qr-code" class="qr-code" src="data:image/png;base64, ${totp.totpSecretQrCode}" alt="${msg("secondFactorPicture")}"></p>
<p><a href="${totp.manualUrl}" id="mode-manual">${msg("loginTotpUnableToScan")}</a></p>
</#if>
<form id="kc-totp-settings-form" class="form" action="${url.loginAction}" method="post" novalidate>
  <@field.input name="totp" label=msg("authenticatorCode") autocomplete="one-time-code" autofocus=true/>
  <input type="hidden" id="totpSecret" name="totpSecret" value="${totp.totpSecret}">
  <#if mode??><input type="hidden" id="mode" name="mode" value="${mode}"></#if>
  <@field.input name="userLabel" label=msg("loginTotpDeviceName")/>
  <@field.checkbox name="logout-sessions" label=msg("logoutOtherSessions")/>
  <div class="buttons">
    <button id="saveTOTPBtn" class="button" type="submit">${msg("doSubmit")}</button>
    <#if isAppInitiatedAction??><button id="cancelTOTPBtn" class="button button--quiet" type="submit" name="cancel-aia" value="true">${msg("doCancel")}</button></#if>
  </div>
</form>
</#if>
</@layout.registrationLayout>
