<#-- Fields as the site draws them: label, field, and beneath it the sentence of what is wrong, which the field names. -->
<#macro group name label error="" required=false>
<div class="field">
  <label for="${name}">${label}</label>
  <#nested>
  <div id="input-error-container-${name}"><#if error?has_content><p class="field__error" id="input-error-${name}" role="alert">${error}</p></#if></div>
</div>
</#macro>

<#macro errorIcon error=""></#macro>

<#macro described name error hint=""><#if error?has_content> aria-invalid="true" aria-describedby="input-error-${name}"<#elseif hint?has_content> aria-describedby="hint-${name}"</#if></#macro>

<#macro input name label value="" required=false autocomplete="off" fieldName=name error=kcSanitize(messagesPerField.get(fieldName))?no_esc autofocus=false>
<@group name=name label=label error=error required=required>
  <input id="${name}" name="${name}" value="${value}" type="text" autocomplete="${autocomplete}"<#if autofocus> autofocus</#if><#if autocomplete == "one-time-code"> inputmode="numeric"</#if><#if autocomplete?starts_with("username")> inputmode="email" autocapitalize="none" spellcheck="false"</#if><@described name=name error=error/>>
</@group>
</#macro>

<#macro password name label value="" required=false forgotPassword=false fieldName=name error=kcSanitize(messagesPerField.get(fieldName))?no_esc autocomplete="off" autofocus=false>
<#local hint = (autocomplete == "new-password" && name != "password-confirm" && (passwordPolicies.length)??)?then(msg("passwordHint", passwordPolicies.length), "")>
<@group name=name label=label error=error required=required>
  <#if hint?has_content><p class="field__hint" id="hint-${name}">${hint}</p></#if>
  <div class="password">
    <input id="${name}" name="${name}" value="${value}" type="password" autocomplete="${autocomplete}"<#if autofocus> autofocus</#if><@described name=name error=error hint=hint/>>
    <button id="${name}-show-password" class="button button--quiet" type="button" aria-label="${msg('showPassword')}" aria-controls="${name}" data-password-toggle data-icon-show="password__show" data-icon-hide="password__hide" data-label-show="${msg('showPassword')}" data-label-hide="${msg('hidePassword')}"><span class="password__show" aria-hidden="true"></span></button>
  </div>
  <#nested>
  <#if forgotPassword><p class="forgotten"><a href="${url.loginResetCredentialsUrl}">${msg("doForgotPassword")}</a></p></#if>
</@group>
</#macro>

<#macro clipboard name label ariaLabel=label value="" readonly=true>
<@group name=name label=label>
  <input id="${name}" name="${name}" value="${value}" type="text"<#if readonly> readonly</#if>>
</@group>
</#macro>

<#macro checkbox name label value=false required=false>
<p class="check"><label for="${name}"><input type="checkbox" id="${name}" name="${name}"<#if value> checked</#if>> ${label}</label></p>
</#macro>
