import type { Target } from './target.js';
import { matchesWildcard } from './wildcard.js';

/** Something that a key pair may do. */
export interface LocalPermission {
  /** Actions such as `kinesisvideo:PutMedia`; `*` stands for any text, and the prefix may be left out. */
  readonly actions: readonly string[];
  /** Names or ARNs of streams, with `*` and `?`. Default: all, and what concerns no stream. */
  readonly streams?: readonly string[];
}

const PREFIX = 'kinesisvideo:';

/** Whether one of `permissions` allows what is asked; `arn` is that of the stream. */
export function permits(
  permissions: readonly LocalPermission[],
  { operation, streamName = '' }: Target,
  arn: string,
): boolean {
  const action = (PREFIX + operation).toLowerCase();
  return permissions.some(
    ({ actions, streams = ['*'] }) =>
      actions.some((pattern) => matchesWildcard(withPrefix(pattern), action)) &&
      streams.some((pattern) =>
        matchesWildcard(pattern, pattern.startsWith('arn:') ? arn : streamName),
      ),
  );
}

/** Actions are the same in whatever case, as in IAM. */
function withPrefix(pattern: string): string {
  const lower = pattern.toLowerCase();
  return lower === '*' || lower.startsWith(PREFIX) ? lower : PREFIX + lower;
}

/** Whether `value` is a list of permissions. */
export function isPermissionList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isPermission);
}

function isPermission(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { actions, streams = ['*'], ...others } = value as Record<string, unknown>;
  return isPatternList(actions) && isPatternList(streams) && Object.keys(others).length === 0;
}

function isPatternList(value: unknown): boolean {
  const isPattern = (item: unknown): boolean => typeof item === 'string' && item !== '';
  return Array.isArray(value) && value.length > 0 && value.every(isPattern);
}
