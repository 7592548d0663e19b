<#ftl output_format="plainText">
<#assign kind = event.getDetail("credential_type")!"unknown">
<#if kind == "otp">${msg("noticeOtpTaken")}<#else>${msg("noticeWayTaken", kind)}</#if>
${msg("noticeWhen", event.date, event.ipAddress)}

${msg("noticeNotYou")}
