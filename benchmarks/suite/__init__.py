"""The benchmarks, a module each: `run()` gives results."""
