// Loaded into a server: it blocks its event loop for good when told to.
process.on("SIGUSR2", function blockForGood() {
  for (;;);
})
