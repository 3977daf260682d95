/** The known name that a misspelt one most likely stands for, in whatever case, if there is one. */
export function suggest(given: string, known: readonly string[]): string | undefined {
  const wanted = given.toLowerCase();
  const limit = Math.max(2, Math.floor(given.length / 3));
  let best: string | undefined;
  let least = limit + 1;
  for (const name of known) {
    const candidate = name.toLowerCase();
    const distance = candidate.startsWith(wanted) ? 0 : editDistance(wanted, candidate);
    if (distance >= least) continue;
    least = distance;
    best = name;
  }
  return best;
}

/** Characters inserted, removed, replaced, or swapped with their neighbour. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 0; i <= a.length; i += 1) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j += 1) {
      if (i === 0) {
        row.push(j);
        continue;
      }
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? at(i - 2, j - 2) + 1 : Infinity;
      row.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + cost, swap));
    }
  }
  return at(a.length, b.length);
}
