"""The same networks under other names: how the tensors of one layout become those of another."""
