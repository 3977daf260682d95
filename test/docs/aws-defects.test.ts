import * as assert from 'uvu/assert';
import { linesOf, namedTests, problemOf } from '../support/named-tests.js';
import { suite } from '../support/suite.js';

const test = suite('docs/aws-defects.md');

interface Defect {
  readonly title: string;
  readonly lines: string[];
}

/** The sections of the document, by the heading that they stand under. */
function sections(): Map<string, Defect[]> {
  const found = new Map<string, Defect[]>();
  let defects: Defect[] | undefined;
  for (const line of linesOf('docs/aws-defects.md')) {
    const heading = /^(##+) (.*)$/.exec(line);
    if (heading?.[1] === '##') found.set(heading[2] ?? '', (defects = []));
    else if (heading !== null) defects?.push({ title: heading[2] ?? '', lines: [] });
    else defects?.at(-1)?.lines.push(line);
  }
  return found;
}

test('there are 19 defects of correctness, 5 of security and 7 of performance', () => {
  const counts = Array.from(sections(), ([name, defects]) => [name, defects.length]);
  assert.equal(counts, [
    ['Correctness', 19],
    ['Security', 5],
    ['Performance', 7],
  ]);
});

for (const [name, defects] of sections()) {
  for (const [index, { title, lines }] of defects.entries()) {
    test(`${name} ${index + 1} says what both do, and names tests that exist`, () => {
      assert.match(title, new RegExp(`^${index + 1}\\. \\S`));
      assert.match(lines.join('\n'), /^- AWS: \S[^]*^- Here: \S/m, title);
      const tests = namedTests(lines.join('\n'));
      assert.ok(tests.length > 0, `${title} has no test`);
      assert.equal(
        tests.map(problemOf).filter((problem) => problem !== undefined),
        [],
      );
    });
  }
}
