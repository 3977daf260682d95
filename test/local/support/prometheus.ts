/** A strict reader of the text format of Prometheus, which shares nothing with what writes it. */

export interface MetricFamily {
  readonly type: string;
  readonly help: string;
  /** Values by the name of the sample and its labels, as they are written. */
  readonly samples: Map<string, number>;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const HELP = new RegExp(`^# HELP (${NAME}) (\\S.*)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|summary)$`);
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const SAMPLE = new RegExp(
  `^(${NAME})(\\{${LABEL}(?:,${LABEL})*\\})? (-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?)$`,
);
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  counter: [''],
  gauge: [''],
  summary: ['_sum', '_count'],
};

/** Reads all families by name. Throws for anything that Prometheus would not take, or doubt. */
export function parsePrometheus(text: string): Map<string, MetricFamily> {
  if (text !== '' && !text.endsWith('\n')) throw new Error('The last line has no end');
  const families = new Map<string, MetricFamily>();
  let help: { name: string; text: string } | undefined;
  let family: { name: string; type: string; samples: Map<string, number> } | undefined;
  for (const line of text.split('\n').slice(0, -1)) {
    const [, helped, words] = HELP.exec(line) ?? [];
    const [, typed, type] = TYPE.exec(line) ?? [];
    const [, sampled, labels = '', value] = SAMPLE.exec(line) ?? [];
    if (helped !== undefined && words !== undefined) {
      help = { name: helped, text: words };
    } else if (typed !== undefined && type !== undefined) {
      if (help?.name !== typed || families.has(typed)) throw new Error(`Out of place: ${line}`);
      if ((type === 'counter') !== typed.endsWith('_total')) throw new Error(`Misnamed: ${line}`);
      family = { name: typed, type, samples: new Map() };
      families.set(typed, { type, help: help.text, samples: family.samples });
    } else if (sampled !== undefined) {
      addSample(family, sampled, labels, Number(value), line);
    } else throw new Error(`Not understood: ${line}`);
  }
  return families;
}

function addSample(
  family: { name: string; type: string; samples: Map<string, number> } | undefined,
  name: string,
  labels: string,
  value: number,
  line: string,
): void {
  const endings = ENDINGS[family?.type ?? ''] ?? [];
  if (family === undefined || !endings.some((ending) => family.name + ending === name)) {
    throw new Error(`Out of place: ${line}`);
  }
  if (family.samples.has(name + labels)) throw new Error(`Twice: ${line}`);
  family.samples.set(name + labels, value);
}
