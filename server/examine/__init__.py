"""What one model file does under one execution provider: how long runs take, what they answer,
and where its nodes run. In a worker process, so that a provider that crashes takes nothing with
it, and memory goes back when it ends."""
