// Preloaded before the real entry: when run.cjs is killed outright and can no longer pass signals on, ends this
// process as a SIGTERM would. Not part of the server, which knows nothing of how it was started.
if (process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // Listening keeps the channel, and with it the process, alive; the entry alone decides how long it lives.
  process.channel.unref();
}
