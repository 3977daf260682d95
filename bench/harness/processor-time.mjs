/** Milliseconds of processor time of this process so far: its threads, and the system's work for it. */
export function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
