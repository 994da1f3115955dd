// Every page of the product, and how a person comes to it. A walk (walks/) goes from page to page as people
// do (forms are really filled in) and calls see(name, route, response) on each; pages.test.mjs looks
// at them. A page that is added gets its line in a walk: a test compares with `xom routes`.
import { administering } from './walks/administrators.mjs';
import { agencies } from './walks/agency.mjs';
import { aboutStaff, mediating, sameMatter } from './walks/matters.mjs';
import { counter, doors, flooded, queues, several, templates, working } from './walks/officers.mjs';
import { asked, conduct, following, publicly, reporting, start } from './walks/residents.mjs';
import { plated, shift } from './walks/unit.mjs';

// Answers for programs, which no browser shows, and a page that has a ward of its own.
export const machines = [
  'GET /desk/case/:code/apology/letter',
  'GET /desk/my-area/sw.js',
  'GET /desk/week.ics',
  'GET /receipt/apology',
  'GET /receipt/kept/file',
  'GET /desk/practice',
  'GET /feed.atom',
  'GET /feed.json',
  'GET /figures/edition/:quarter/bytes',
  'GET /map/areas.geojson',
  'GET /transparency/:quarter/signature',
  'GET /transparency/heads',
  'GET /reminder/:day',
  'GET /report/shown/:form',
  'GET /report/sw.js',
];
// Pages that are offered in languages which aren't whole.
export const residents = [start, asked, reporting, conduct, following, publicly];
// In order, a line each: a walk may use what an earlier one left (a receipt's link, a session).
export const walks = {
  start,
  asked,
  reporting,
  conduct,
  following,
  publicly,
  doors,
  agencies,
  queues,
  templates,
  working,
  shift,
  several,
  administering,
  counter,
  plated,
  aboutStaff,
  mediating,
  sameMatter,
  flooded,
};
