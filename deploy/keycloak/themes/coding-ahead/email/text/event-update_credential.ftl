<#ftl output_format="plainText">
<#assign kind = event.getDetail("credential_type")!"unknown">
<#if kind == "password">${msg("noticePasswordChanged")}<#elseif kind == "otp">${msg("noticeOtpSet")}<#else>${msg("noticeWaySet", kind)}</#if>
${msg("noticeWhen", event.date, event.ipAddress)}

${msg("noticeNotYou")}
