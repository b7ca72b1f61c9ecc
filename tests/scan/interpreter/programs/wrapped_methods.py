import functools


def with_prefix(prefix):
    def decorate(cls):
        original = cls.INPUT_TYPES

        @classmethod
        @functools.wraps(original.__func__)
        def wrapped(klass, *args, **kwargs):
            inputs = original.__func__(klass, *args, **kwargs)
            return {section: {prefix + name: value for name, value in each.items()} for section, each in inputs.items()}

        setattr(cls, "INPUT_TYPES", wrapped)
        return cls

    return decorate


@with_prefix("p_")
class Node:
    @classmethod
    def INPUT_TYPES(cls):
        return {"required": {"a": ("INT", {"default": 1}), "b": (("x", "y"),)}, "optional": {}}


class Child(Node):
    @classmethod
    def INPUT_TYPES(cls):
        inputs = super().INPUT_TYPES()
        first, *rest = inputs["required"].items()
        inputs["required"] = dict([*rest, ("new", "STRING"), first])
        del inputs["optional"]
        return inputs


X = [Node.INPUT_TYPES(), Child.INPUT_TYPES(), Child.INPUT_TYPES.__name__, Node().INPUT_TYPES() == Node.INPUT_TYPES()]
