import { join } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss()],
  build: {
    target: 'es2023',
    sourcemap: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
    // The page that people sign on, that of operators, and the mini app of Telegram.
    rolldownOptions: {
      input: ['index.html', 'admin.html', 'telegram.html'].map((page) => join(import.meta.dirname, page)),
      // What all pages share, in one piece: packed together it is half a kilobyte smaller than in pieces.
      output: {
        codeSplitting: {
          groups: [
            {
              name: 'shared',
              test: /node_modules[\\/](?:react|react-dom|scheduler)[\\/]|src[\\/]text[\\/](?:text|en|states|useLanguage|LanguageSwitch)\./,
            },
          ],
        },
      },
    },
  },
})
