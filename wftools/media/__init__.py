"""Sound and video: load, save, cut, join. A sound is an `Audio` value, a video a handle that is decoded when asked."""
