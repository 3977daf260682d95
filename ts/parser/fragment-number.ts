/**
 * Orders fragment numbers, which have more digits than a number can hold and ascend in a stream:
 * negative when `a` comes first.
 */
export function compareFragmentNumbers(a: string, b: string): number {
  if (a.length !== b.length) {
    const [first, second] = [a, b].map((text) => text.replace(/^0+/, '')) as [string, string];
    if (first.length !== second.length) return first.length - second.length;
    return compareFragmentNumbers(first, second);
  }
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
