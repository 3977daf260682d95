/** A mistake in the command line: the command ends with status 2 and points to its help. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
