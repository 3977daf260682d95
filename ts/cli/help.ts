import { kebab } from './arguments.js';
import type { Command } from './command.js';
import type { Option } from './options.js';

/** Texts of the second column begin here at most; longer names get a line of their own. */
const MAX_COLUMN = 30;

/** Two columns, the first as wide as its widest entry that fits. */
export function columns(rows: readonly (readonly [left: string, right: string])[]): string {
  const widths = rows.map(([left]) => left.length + 4).filter((width) => width <= MAX_COLUMN);
  const width = Math.max(...widths, 0);
  return rows
    .map(([left, right]) => {
      const start = `  ${left}`;
      return start.length + 2 > width
        ? `${start}\n${' '.repeat(width)}${right}`
        : start.padEnd(width) + right;
    })
    .join('\n');
}

/** The help of one command. */
export function commandHelp(command: Command): string {
  const { usage, description, operand, examples, notes = [] } = command;
  const rows: (readonly [string, string])[] = [];
  if (operand !== undefined) rows.push([operand.name, operand.help]);
  for (const [key, option] of Object.entries(command.options)) {
    rows.push([optionColumn(key, option), option.help]);
  }
  rows.push(['-h, --help', 'show this help']);
  const parts = [
    `Usage: kvs ${usage}`,
    description,
    `Options:\n${columns(rows)}`,
    `Examples:\n${examples.map((example) => `  ${example}`).join('\n')}`,
    ...notes,
  ];
  return `${parts.join('\n\n')}\n`;
}

function optionColumn(key: string, { short, placeholder }: Option<unknown>): string {
  const name = `${short === undefined ? '' : `-${short}, `}--${kebab(key)}`;
  return placeholder === undefined ? name : `${name} ${placeholder}`;
}
