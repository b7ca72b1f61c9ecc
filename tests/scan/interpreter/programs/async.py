import asyncio


async def f():
    return 3


async def g():
    return await f() + 1


X = asyncio.run(g())
