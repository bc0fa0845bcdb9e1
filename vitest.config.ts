import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Its own default leaves one of two cores idle.
    maxWorkers: '100%',
    // Files keep nothing for each other; a module graph for each cost a second and a half.
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
