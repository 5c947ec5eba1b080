#!/usr/bin/env node
// @ts-check
// Asks the registry for known vulnerabilities of the packages that are shipped. Ends with 1 where there are some of weight, and
// with 2 where the registry has no answer: then nothing was checked.
import { npm } from './supply/npm.mjs';
import { readAudit } from './supply/read-audit.mjs';

const { stdout, stderr } = npm(['audit', '--omit=dev', '--json']);
const { kind, lines } = readAudit(stdout, stderr);
console.log(lines.join('\n'));
process.exitCode = { clean: 0, vulnerable: 1, unanswered: 2 }[kind];
