<#import "template.ftl" as layout>
<#assign kind = event.getDetail("credential_type")!"unknown">
<@layout.emailLayout>
<p><#if kind == "otp">${msg("noticeOtpTaken")}<#else>${msg("noticeWayTaken", kind)}</#if>
${msg("noticeWhen", event.date, event.ipAddress)}</p>
<p>${msg("noticeNotYou")}</p>
</@layout.emailLayout>
