// @ts-check
// What the demo prints: headings, one live line for progress (one line a stage where there is no terminal), tables.

const live = process.stdout.isTTY === true;
const BAR = 24;

/** @param {string} line */
export function print(line = '') {
  process.stdout.write(`${line}\n`);
}

/** @param {string} text */
export function heading(text) {
  print(`\n== ${text}`);
}

/** Shows a job's progress events. */
export function createProgressLine() {
  let stage = '';
  let last = '';
  let printed = 0;
  return {
    /** @param {any} progress */
    show(progress) {
      last = lineOf(progress);
      if (live) {
        process.stdout.write(`\r\u001b[K${last.slice(0, (process.stdout.columns ?? 120) - 1)}`);
        return;
      }
      // A log file gets each stage's first line and one every five seconds.
      if (progress.stage !== stage || Date.now() - printed > 5000) {
        print(last);
        printed = Date.now();
      }
      stage = progress.stage;
    },
    end() {
      if (live && last) process.stdout.write('\r\u001b[K');
    },
  };
}

/** @param {any} progress */
function lineOf({ stage, fraction, epoch, epochs, losses = {}, metrics = {}, etaSeconds, rows }) {
  const filled = Math.round(BAR * fraction);
  const bar = `[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${String(Math.round(fraction * 100)).padStart(3)} %`;
  const named = Object.entries({ ...losses, ...metrics }).filter(([name]) => name !== 'total');
  const parts = [
    bar,
    stage.padEnd(13),
    epoch ? `epoch ${epoch}/${epochs}` : '',
    ...named.map(([name, value]) => `${name} ${value.toFixed(3)}`),
    rows ? `${rows} rows` : '',
    etaSeconds === undefined ? '' : `${etaSeconds} s left`,
  ];
  return parts.filter(Boolean).join('  ');
}

/** Columns as wide as their widest cell; all but the first to the right. @param {string[][]} rows the first is the header */
export function printTable(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => [...row[column]].length)));
  rows.forEach((row, index) => {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]),
    );
    print(`  ${cells.join('  ')}`);
    if (index === 0) print(`  ${widths.map((width) => '-'.repeat(width)).join('  ')}`);
  });
}
