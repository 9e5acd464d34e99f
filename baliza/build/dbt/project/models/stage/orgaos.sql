{{ stage_orgaos(ref('mentions'), env_var('BALIZA_DOMAINS', '')) }}
