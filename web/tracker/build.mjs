// Builds patron.js into the Python package, or the tests into build/test.
import { mkdir, readdir } from 'node:fs/promises';
import { build } from 'esbuild';

const OUT = '../../src/patron/api/static/tracker';

if (process.argv.includes('--tests')) {
  const tests = (await readdir('test')).filter((name) => name.endsWith('.test.ts'));
  await build({
    entryPoints: tests.map((name) => `test/${name}`),
    bundle: true,
    platform: 'node',
    format: 'esm',
    outdir: 'build/test',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
} else {
  await mkdir(OUT, { recursive: true });
  await build({
    entryPoints: ['src/index.ts'],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2020',
    outfile: `${OUT}/patron.js`,
    sourcemap: 'linked',
    legalComments: 'none',
    logLevel: 'warning',
  });
}
