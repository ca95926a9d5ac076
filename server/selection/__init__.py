"""Which execution provider a model runs on when nobody said: every one that is here is timed on
the model in the background, and the fastest correct one takes over."""
