/** What API Extractor is told of the entry points of the package, which have their declarations in dist/. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

const warning = { logLevel: 'warning' };
const nothing = { enabled: false };

/** The entry points that have types, with a name: `./local` is called `local`. */
function entryPoints() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return Object.entries(exports)
    .filter(([, { types }]) => types !== undefined)
    .map(([path, { types }]) => ({
      name: path === '.' ? 'index' : path.slice('./'.length),
      declarations: resolve(root, types),
    }));
}

function configOf(entryPoint, outputOf) {
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: entryPoint.declarations,
      newlineKind: 'lf',
      compiler: { tsconfigFilePath: join(root, 'tsconfig.json') },
      apiReport: nothing,
      docModel: nothing,
      dtsRollup: nothing,
      tsdocMetadata: nothing,
      messages: {
        compilerMessageReporting: { default: warning },
        extractorMessageReporting: {
          default: warning,
          'ae-undocumented': warning,
          // All that is exported is public.
          'ae-missing-release-tag': { logLevel: 'none' },
        },
        tsdocMessageReporting: { default: warning },
      },
      ...outputOf(entryPoint),
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(root, 'package.json'),
  });
}

/**
 * Reads the declarations of all entry points and makes of each what `outputOf` configures.
 * `onMessage` is called with each thing that is wrong with them.
 */
export function extract(outputOf, onMessage) {
  const messageCallback = (message) => {
    message.handled = true;
    if (message.category !== 'console' && message.logLevel !== 'none') onMessage(message);
  };
  const [first, ...others] = entryPoints().map((entryPoint) => configOf(entryPoint, outputOf));
  // One analysis of all files serves all entry points.
  const compilerState = CompilerState.create(first, {
    additionalEntryPoints: others.map((config) => config.mainEntryPointFilePath),
  });
  for (const config of [first, ...others]) {
    Extractor.invoke(config, { compilerState, localBuild: true, messageCallback });
  }
}
