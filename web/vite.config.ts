// The page is built into the Python package, with the compressed forms that the server hands out.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { defineConfig } from 'vite'

const OUT = '../src/perps_stats/page'
const SMALL = 1024

function compressed() {
  return {
    name: 'compressed',
    apply: 'build' as const, // the tests have the same configuration
    closeBundle() {
      const files = readdirSync(OUT, { recursive: true, withFileTypes: true })
      for (const file of files.filter((each) => each.isFile())) {
        const path = join(file.parentPath, file.name)
        const bytes = readFileSync(path)
        if (bytes.length < SMALL) continue
        writeFileSync(`${path}.br`, brotliCompressSync(bytes))
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
      }
    },
  }
}

export default defineConfig({
  base: '/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  plugins: [compressed()],
})
