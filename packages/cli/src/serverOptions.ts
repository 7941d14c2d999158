import { Option, type Command } from 'commander'

/** `--server`, and `--url` as it was called before. */
export const serverOptions = (command: Command): Command =>
  command
    .option('--server <url>', 'where the server is (COUNTERSIGN_SERVER); without either, http://127.0.0.1:8080')
    .addOption(new Option('--url <url>', 'the earlier name of --server').hideHelp())
