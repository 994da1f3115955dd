// Pages that somebody of the ward reads without a look being written, each with its reason. Whatever else an account
// is shown is a look (RIGHTS.md promise 9): permissions.test.mjs goes through the whole table of routes.
export const EXEMPT = {
  // one's own account
  'GET /desk/sessions': 'the reader\'s own sessions',
  'GET /desk/my-area/sw.js': 'a script, the same for all',
  'GET /desk/practice': 'the reader\'s own tasks, in a ward for practice',
  // counts alone: no case is told
  'GET /desk/news': 'how many came, as three counts',
  'GET /desk/floods': 'how many each group of a flood has; opening one is a look',
  'POST /desk/floods/:id': 'asks whether all shall be taken out; opening the group is a look',
  // forms and papers that hold nothing of a case
  'GET /desk/new': 'an empty form',
  'POST /desk/new': 'the form with what was typed; what it finds near by is a list',
  'GET /agency/new': 'an empty form',
  'POST /agency/new': 'the form with what was typed',
  'GET /agency/give': 'an empty form',
  'POST /agency/give': 'the form with what was typed; what it gives is a look (test/rights/agency.test.mjs)',
  'GET /desk/print': 'what can be printed',
  'GET /desk/print/form': 'a blank form',
  'GET /desk/print/poster': 'a poster',
  'GET /desk/case/:code/card': 'a printed card that tells nothing of the case',
  'GET /desk/folded': 'how many papers were printed and used, without a code',
  'GET /desk/my-area/report': 'an empty form',
  'POST /desk/my-area/report': 'the form with what was typed',
  'GET /desk/lost': 'an empty form; what it finds is a list',
  'GET /desk/paper': 'days that have a paper list, without a case',
  'GET /desk/plates': 'signs that hang in the street',
  'GET /desk/plates/:sheet': 'signs that hang in the street',
  'GET /desk/templates': 'the unit\'s own words for answers',
  'GET /desk/templates/:id': 'the unit\'s own words for answers',
  // the administrator's pages: accounts, units, settings, jobs, definitions; no case, no reporter (row 5)
  'GET /admin': 'administration', 'GET /admin/health': 'administration', 'GET /admin/receivers': 'administration',
  'GET /admin/settings': 'administration', 'GET /admin/jobs': 'administration', 'GET /admin/people': 'administration',
  'POST /admin/people': 'administration', 'GET /admin/people/:id': 'administration', 'GET /admin/who-sees': 'administration',
  'GET /admin/units': 'administration', 'GET /admin/units/:slug': 'administration', 'GET /admin/procedures': 'administration',
  'POST /admin/procedures': 'administration', 'GET /admin/procedures/:kind': 'administration',
  'GET /admin/procedures/:kind/compare': 'administration', 'GET /admin/calendars': 'administration',
  'GET /admin/calendars/:year/:version': 'administration', 'GET /admin/areas': 'administration',
  'POST /admin/areas': 'administration', 'POST /admin/areas/take': 'administration', 'POST /admin/areas/names': 'administration',
  'GET /admin/log': 'administration', 'GET /admin/nearby': 'administration',
};
// Nobody of the table's columns reaches these: their looks are counted where somebody does.
export const ELSEWHERE = {
  'GET /desk/unit': 'test/desk/due.test.mjs',
  'GET /oversight/redress/:code/photo/:name': 'test/rights/redress.test.mjs',
  'GET /oversight/redress/:code/blur/:name': 'test/rights/blur.test.mjs',
  'POST /oversight/redress/:code/blur/:name': 'test/rights/blur.test.mjs',
  'GET /desk/my-area/:code': 'test/desk/mediation.test.mjs',
  'GET /desk/mediations': 'test/desk/mediation.test.mjs',
  'GET /desk/mediations/:code': 'test/desk/mediation.test.mjs',
  'POST /desk/mediations/:code/meet': 'test/desk/mediation.test.mjs',
  'POST /desk/mediations/:code/agree': 'test/desk/mediation.test.mjs',
  'POST /desk/mediations/:code/disagree': 'test/desk/mediation.test.mjs',
};
