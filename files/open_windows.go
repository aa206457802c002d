package files

// dontWait is nothing here: there are no fifos among files, and devices are
// refused by name.
const dontWait = 0
