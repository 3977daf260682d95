import { createRequire } from 'node:module';

/**
 * Loads a dependency that is CommonJS when it is needed, once. `import()` would parse it a second time,
 * for the names that it exports, which doubles what the AWS SDK costs in time and in memory.
 */
export const requireModule: (id: string) => unknown = createRequire(import.meta.url);
