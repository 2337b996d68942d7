"""What `bin/dev`, `bin/test` and `bin/bench` stand on before Django exists: the standard library only.

`python` makes the virtual environment, `services` starts PostgreSQL and Valkey, `keeping` sees to it that nothing
outlives the command that started it, `places` says where things are kept.
"""
