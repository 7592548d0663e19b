<#import "template.ftl" as layout>
<#assign kind = event.getDetail("credential_type")!"unknown">
<@layout.emailLayout>
<p><#if kind == "password">${msg("noticePasswordChanged")}<#elseif kind == "otp">${msg("noticeOtpSet")}<#else>${msg("noticeWaySet", kind)}</#if>
${msg("noticeWhen", event.date, event.ipAddress)}</p>
<p>${msg("noticeNotYou")}</p>
</@layout.emailLayout>
