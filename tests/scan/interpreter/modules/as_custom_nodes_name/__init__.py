from custom_nodes.as_custom_nodes_name.a import x

X = x
EXPECTED = 3
