{{ stage_unidades(ref('mentions')) }}
