// Loaded into a server: a signal makes it block its event loop forever.
process.on("SIGUSR2", function blockForGood() {
  for (;;);
})
