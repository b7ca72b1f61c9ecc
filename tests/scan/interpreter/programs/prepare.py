class Meta(type):
    @classmethod
    def __prepare__(mcs, name, bases):
        return {"given": 1}


class A(metaclass=Meta):
    more = given + 1


X = [A.given, A.more]
