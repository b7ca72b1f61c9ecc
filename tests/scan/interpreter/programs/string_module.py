import textwrap

X = textwrap.dedent("""
    a
      b
""")
