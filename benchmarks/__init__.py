"""What `bin/bench NAME` measures: each module with a `run(cases)` is one NAME, and prints through `reporting`."""
