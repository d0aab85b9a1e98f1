{{ as_of('int_target_path_segments') }}
