// Who may what, written by hand from DOMAIN.md section 23 (docs/permissions.md is the same table for
// people). Never read from the routes: only the list of routes comes from `xom routes`, and a route
// without a line here fails the test.
//
//   a  allowed             s  asked to sign in (POST: 401)
//   f  asked for the receipt's code and PIN (POST: 401)
//   -  404, as if it did not exist
//
// The columns, for a hazard (a street lamp) that the unit ha-tang has:
//   nobody, who is not signed in; reporter, with this case's receipt open; khu vực head; member
//   organisation, outside and inside the unit; handling officer of the unit; of another unit; ward
//   police outside and inside the unit; secretary; chair; oversight; administrator; and everybody of
//   the other ward, with their own cookies.
export const COLUMNS = ['nobody', 'reporter', 'area_head', 'member_org', 'member_org_unit', 'handler',
  'handler_other', 'police', 'police_unit', 'secretary', 'chair', 'oversight', 'admin', 'other ward'];

const rows = {
  // public pages, and the report form: everybody (row "Own report", "Hazard text": public summary)
  'GET /':                               'a a a a a a a a a a a a a a',
  'GET /cases':                          'a a a a a a a a a a a a a a',
  'GET /map':                           'a a a a a a a a a a a a a a',
  'GET /map/areas.geojson':             'a a a a a a a a a a a a a a',
  'GET /feed.atom':                     'a a a a a a a a a a a a a a',
  'GET /feed.json':                     'a a a a a a a a a a a a a a',
  'GET /rights':                         'a a a a a a a a a a a a a a',
  'GET /p/:code':                       'a a a a a a a a a a a a a a',
  'GET /case/:code':                     'a a a a a a a a a a a a a a',
  'GET /case/:code/photo/:name':         'a a a a a a a a a a a a a a',
  // figures: matters that anyone can open, and quarterly editions (row 30)
  'GET /figures':                        'a a a a a a a a a a a a a a',
  'GET /figures/edition/:quarter':       'a a a a a a a a a a a a a a',
  'GET /figures/edition/:quarter/bytes': 'a a a a a a a a a a a a a a',
  'GET /figures/sheet/:area/:month':     'a a a a a a a a a a a a a a',
  // the transparency page of a quarter, the daily heads that others keep, how to check both (row 80)
  'GET /transparency':                   'a a a a a a a a a a a a a a',
  'GET /transparency/heads':             'a a a a a a a a a a a a a a',
  'GET /transparency/check':             'a a a a a a a a a a a a a a',
  'GET /transparency/:quarter':          'a a a a a a a a a a a a a a',
  'GET /transparency/:quarter/signature': 'a a a a a a a a a a a a a a',
  'GET /figures/week/:area':            'a a a a a a a a a a a a a a',
  // who is where for a khu vực, and the card for the door: everybody (row 110)
  // who is where for a khu vực, and the card for the door: everybody (row 110)
  'GET /who':                            'a a a a a a a a a a a a a a',
  'GET /who/:area/card':                 'a a a a a a a a a a a a a a',
  // the questions that lead to the right door, and a letter to print: everybody, nothing is kept
  'GET /door':                           'a a a a a a a a a a a a a a',
  'GET /door/:id':                       'a a a a a a a a a a a a a a',
  'GET /door/info':                      'a a a a a a a a a a a a a a',
  'GET /door/:id/paper':                 'a a a a a a a a a a a a a a',
  'POST /door/:id/paper':                'a a a a a a a a a a a a a a',
  'GET /report':                         'a a a a a a a a a a a a a a',
  'GET /report/:step':                   'a a a a a a a a a a a a a a',
  'GET /report/draft':                   'a a a a a a a a a a a a a a',
  'GET /report/sw.js':                   'a a a a a a a a a a a a a a',
  'GET /report/sent':                    'a a a a a a a a a a a a a a',
  'GET /report/shown/:form':             'a a a a a a a a a a a a a a', // a form's name, of whoever has its receipt before them
  'POST /report/kind':                   'a a a a a a a a a a a a a a',
  'POST /report/where':                  'a a a a a a a a a a a a a a',
  'POST /report/same':                   'a a a a a a a a a a a a a a',
  'POST /report/what':                   'a a a a a a a a a a a a a a',
  'POST /report/subject':                'a a a a a a a a a a a a a a',
  'POST /report/photos':                 'a a a a a a a a a a a a a a',
  'POST /report/check':                  'a a a a a a a a a a a a a a',
  // opening a receipt: who has its code and PIN, or its link
  'GET /follow':                         'a a a a a a a a a a a a a a',
  'POST /follow':                        'a a a a a a a a a a a a a a',
  'POST /follow/pin':                    'a a a a a a a a a a a a a a',
  'GET /r/:link':                        'a a a a a a a a a a a a a a',
  // what to do without it, and a day for one's own calendar: no word of a case in either
  // "I think something here is about me": everybody
  'GET /redress':                        'a a a a a a a a a a a a a a',
  'POST /redress':                       'a a a a a a a a a a a a a a',
  'GET /lost':                           'a a a a a a a a a a a a a a',
  'GET /clock':                          'a a a a a a a a a a a a a a',
  'GET /reminder/:day':                  'a a a a a a a a a a a a a a',
  // the opened receipt: "Own report + status": the resident alone
  'GET /receipt':                        'f a f f f f f f f f f f f f',
  'GET /receipt/photo/:name':            'f a f f f f f f f f f f f f',
  'POST /receipt/answer':                'f a f f f f f f f f f f f f',
  'POST /receipt/withdraw':              'f a f f f f f f f f f f f f',
  'POST /receipt/solved':                'f a f f f f f f f f f f f f',
  'POST /receipt/reopen':                'f a f f f f f f f f f f f f',
  'POST /receipt/mail':                  'f a f f f f f f f f f f f f',
  'POST /receipt/mail/delete':           'f a f f f f f f f f f f f f',
  // what is kept of it (row 70): the resident alone
  'GET /receipt/kept':                   'f a f f f f f f f f f f f f',
  'GET /receipt/kept/file':              'f a f f f f f f f f f f f f',
  'POST /receipt/kept/amend':            'f a f f f f f f f f f f f f',
  'POST /receipt/kept/erase':            'f a f f f f f f f f f f f f',
  'POST /receipt/close':                 'f a f f f f f f f f f f f f',
  // signing in; the first password, by whoever has the link
  'GET /sign-in':                        'a a a a a a a a a a a a a a',
  'POST /sign-in':                       'a a a a a a a a a a a a a a',
  'GET /invite/:token':                  'a a a a a a a a a a a a a a',
  'POST /invite/:token':                 'a a a a a a a a a a a a a a',
  // one's own account
  'POST /sign-out':                      's s a a a a a a a a a a a s',
  'GET /desk/start':                     's s a a a a a a a a a a a s',
  'GET /desk/sessions':                  's s a a a a a a a a a a a s',
  'POST /desk/sessions/end':             's s a a a a a a a a a a a s',
  // the installation: the administrator's, and nothing of a case is on it
  'GET /desk/practice':                  's s - - - - - - - - - - - s',
  'GET /admin/health':                   's s - - - - - - - - - - a s',
  // counter entry, and the receipt that was lost: who works cases; a lost one's of the unit that has it
  'GET /desk/new':                       's s - - - a a - - - - - - s',
  'POST /desk/new':                      's s - - - a a - - - - - - s',
  'GET /desk/print':                     's s - - - a a - - - - - - s',
  'GET /desk/print/form':                's s - - - a a - - - - - - s',
  'GET /desk/print/poster':              's s - - - a a - - - - - - s',
  'GET /desk/folded':                    's s - - - a a - - - - - - s', // row 115
  'POST /desk/folded':                   's s - - - a a - - - - - - s',
  'POST /desk/folded/:id/void':          's s - - - a a - - - - - - s',
  'GET /desk/lost':                      's s - - - a a - - - - - - s',
  'GET /desk/case/:code/lost':           's s - - - a - - - - - - - s',
  'POST /desk/case/:code/lost':          's s - - - a - - - - - - - s',
  'GET /desk/case/:code/card':           's s - - - a - - - - - - - s', // row 93
  'POST /desk/case/:code/card':          's s - - - a - - - - - - - s',
  // queues: whoever reads hazards; the chair what the rule sends there ("R/W if receiver by rule", nothing of
  // the lamp that stands behind this table); khu vực heads none, administrator none
  'GET /desk':                           's s - a a a a a a a a a - s',
  // hazard text: "R assigned" for organisations and police, R for secretary and oversight
  // QR plates: whoever works cases, and the administrator
  'GET /desk/plates':                    's s - - - a a - - - - - a s',
  'POST /desk/plates':                   's s - - - a a - - - - - a s',
  'GET /desk/plates/:sheet':             's s - - - a a - - - - - a s',
  'POST /desk/plates/:code/retire':      's s - - - a a - - - - - a s',
  // what a khu vực's head reads of their own khu vực (the lamp behind this table stands in none), and a
  // mediator's mediations: who is named on one alone (test/desk/mediation.test.mjs)
  'GET /desk/my-area':                   's s a - - - - - - - - - - s',
  'GET /desk/my-area/sw.js':             's s a - - - - - - - - - - s',
  'GET /desk/my-area/:code':             's s - - - - - - - - - - - s',
  // of a case that is not theirs, or is not there, the head is told alike: no longer in the khu vực
  'POST /desk/my-area/:code/settle':      's s a - - - - - - - - - - s',
  'POST /desk/my-area/:code/pass-up':     's s a - - - - - - - - - - s',
  'GET /desk/my-area/report':            's s a - - - - - - - - - - s', // row 116
  'POST /desk/my-area/report':           's s a - - - - - - - - - - s',
  'POST /desk/my-area/undo':              's s a - - - - - - - - - - s',
  'GET /desk/mediations':                's s - - - - - - - - - - - s',
  'GET /desk/mediations/:code':          's s - - - - - - - - - - - s',
  'POST /desk/mediations/:code/meet':    's s - - - - - - - - - - - s',
  'POST /desk/mediations/:code/agree':   's s - - - - - - - - - - - s',
  'POST /desk/mediations/:code/disagree': 's s - - - - - - - - - - - s',
  'GET /desk/case/:code':                's s - - a a - - a a - a - s',
  'GET /desk/case/:code/photo/:name':    's s - - a a - - a a - a - s',
  // the handling officer of the unit alone writes
  'POST /desk/case/:code/take':          's s - - - a - - - - - - - s',
  'POST /desk/case/:code/ask':           's s - - - a - - - - - - - s',
  'POST /desk/case/:code/appoint':       's s - - - a - - - - - - - s',
  'POST /desk/case/:code/note':          's s - - - a - - - - - - - s',
  'POST /desk/case/:code/assign':        's s - - - a - - - - - - - s',
  'POST /desk/case/:code/correct':       's s - - - a - - - - - - - s',
  'POST /desk/case/:code/photo':         's s - - - a - - - - - - - s',
  'POST /desk/case/:code/release':       's s - - - a - - - - - - - s',
  'POST /desk/case/:code/unrelease':     's s - - - a - - - - - - - s',
  // a published photo with parts of it covered (row 117)
  'GET /desk/case/:code/blur/:name':      's s - - - a - - - - - - - s',
  'POST /desk/case/:code/blur/:name':     's s - - - a - - - - - - - s',
  'POST /desk/case/:code/withhold':      's s - - - a - - - - - - - s',
  'POST /desk/case/:code/unwithhold':    's s - - - a - - - - - - - s',
  'POST /desk/case/:code/pause':         's s - - - a - - - - - - - s',
  'POST /desk/case/:code/resume':        's s - - - a - - - - - - - s',
  'POST /desk/case/:code/extend':        's s - - - a - - - - - - - s',
  'POST /desk/case/:code/explain':       's s - - - a - - - - - - - s',
  // one case and the reports that follow it (row 42)
  'POST /desk/case/:code/merge':         's s - - - a - - - - - - - s',
  'POST /desk/case/:code/unmerge':       's s - - - a - - - - - - - s',
  'POST /desk/case/:code/split':         's s - - - a - - - - - - - s',
  'POST /desk/case/:code/close':         's s - - - a - - - - - - - s',
  // a step on several cases: who works them; how it went, by who asked for it alone (row 22)
  'POST /desk/bulk/form':                's s - - - a a - - - - - - s',
  'POST /desk/bulk':                     's s - - - a a - - - - - - s',
  'GET /desk/bulk/:id':                  's s - - - a - - - - - - - s',
  // groups of reports that came in a flood: who works cases, of one's own unit alone (row 71)
  'GET /desk/floods':                    's s - - - a a - - - - - - s',
  'GET /desk/floods/:id':                's s - - - a - - - - - - - s',
  'POST /desk/floods/:id':               's s - - - a - - - - - - - s',
  'POST /desk/case/:code/ungather':      's s - - - a - - - - - - - s',
  // the shift: numbers of what came, the sheet of one's own unit, and the paper list (rows 37 to 39)
  'GET /desk/news':                      's s - - - a a - - - a a - s', // row 37
  'GET /desk/shift':                     's s - - - a a - - - - - - s',
  'POST /desk/shift':                    's s - - - a a - - - - - - s',
  'GET /desk/shift/:id':                 's s - - - a - - - - - - - s',
  'POST /desk/shift/:id/accept':         's s - - - a - - - - - - - s',
  'GET /desk/paper':                     's s - - - a a - - - - - - s',
  'GET /desk/paper/:day':                's s - - - a a - - - - - - s',
  'POST /desk/paper/:day':               's s - - - a a - - - - - - s',
  // what falls due: who works cases; of a unit as a whole its head alone, who is none of these columns
  // (test/desk/due.test.mjs plays one); of the ward code, kind, unit and days late: the chair (rows 47 to 49, 56)
  'GET /desk/due':                       's s - - - a a - - - a a - s', // receivers by rule: theirs
  'GET /desk/unit':                      's s - - - - - - - - - - - s',
  'GET /desk/week':                      's s - - - a a - - - - - - s',
  'GET /desk/week.ics':                  's s - - - a a - - - - - - s',
  'GET /chair':                          's s - - - - - - - - a - - s',
  // agencies' requests (rows 96 to 100): the police ask, see their own and take it back, chair and oversight decide, units give
  'GET /agency':                         's s - - - - - a a - a a - s',
  'GET /agency/new':                     's s - - - - - a a - - - - s',
  'POST /agency/new':                    's s - - - - - a a - - - - s',
  'GET /agency/request/:code':           's s - - - - - a - - a a - s', // the column "police" entered it
  'POST /agency/request/:code/decide':   's s - - - - - - - - a a - s',
  'POST /agency/request/:code/withdraw': 's s - - - - - a - - - - - s', // the column "police" entered it
  'GET /agency/give':                    's s - - - a a - - - - - - s',
  'POST /agency/give':                   's s - - - a a - - - - - - s',
  // oversight's own room (row 85): the last column of the domain's matrix alone
  'GET /oversight':                      's s - - - - - - - - - a - s',
  // the looks: oversight alone (row 6)
  // legal holds (row 86): the same column
  'GET /oversight/holds':                's s - - - - - - - - - a - s',
  'GET /oversight/sheet':                's s - - - - - - - - - a - s',
  'POST /oversight/holds':               's s - - - - - - - - - a - s',
  'GET /oversight/looks':                's s - - - - - - - - - a - s',
  'POST /oversight/looks/verify':        's s - - - - - - - - - a - s',
  // a request of whom a report is about, of which nothing was opened yet (rows 90 to 92)
  'GET /oversight/redress/:code':         's s - - - - - - - - - a - s',
  'GET /oversight/redress/:code/photo/:name': 's s - - - - - - - - - - - s',
  'GET /oversight/redress/:code/blur/:name': 's s - - - - - - - - - - - s',
  'POST /oversight/redress/:code/blur/:name': 's s - - - - - - - - - - - s',
  'POST /oversight/redress/:code/find':   's s - - - - - - - - - a - s',
  'POST /oversight/redress/:code/look':   's s - - - - - - - - - a - s',
  'POST /oversight/redress/:code/ask':    's s - - - - - - - - - a - s',
  'POST /oversight/redress/:code/answer': 's s - - - - - - - - - a - s',
  // the letter of apology for a missed deadline: who works the case, and its reporter when it was given
  'GET /desk/case/:code/apology':        's s - - - a - - - - - - - s',
  'POST /desk/case/:code/apology':       's s - - - a - - - - - - - s',
  'GET /desk/case/:code/apology/letter': 's s - - - a - - - - - - - s',
  'POST /desk/case/:code/apology/given': 's s - - - a - - - - - - - s',
  'GET /receipt/apology':                'f a f f f f f f f f f f f f',
  // reply templates: the handling officer's own unit's (row 21); no case is in them
  'GET /desk/templates':                 's s - - - a a - - - - - - s',
  'GET /desk/templates/:id':             's s - - - a a - - - - - - s',
  'POST /desk/templates/:id':            's s - - - a a - - - - - - s',
  'POST /desk/templates/:id/drop':       's s - - - a - - - - - - - s',
  // accounts, units, areas, procedures, settings, jobs: the administrator of the ward alone
  'GET /admin':                          's s - - - - - - - - - - a s',
  'GET /admin/receivers':                's s - - - - - - - - - - a s',
  'POST /admin/receivers':               's s - - - - - - - - - - a s',
  'GET /admin/nearby':                   's s - - - - - - - - - - a s',
  'POST /admin/nearby':                  's s - - - - - - - - - - a s',
  'GET /admin/settings':                 's s - - - - - - - - - - a s',
  'POST /admin/settings':                's s - - - - - - - - - - a s',
  'GET /admin/jobs':                     's s - - - - - - - - - - a s',
  'POST /admin/jobs':                    's s - - - - - - - - - - a s',
  'GET /admin/people':                   's s - - - - - - - - - - a s',
  'POST /admin/people':                  's s - - - - - - - - - - a s',
  'GET /admin/people/:id':               's s - - - - - - - - - - a s',
  'POST /admin/people/:id':              's s - - - - - - - - - - a s',
  'GET /admin/who-sees':                 's s - - - - - - - - - - a s',
  'GET /admin/units':                    's s - - - - - - - - - - a s',
  'POST /admin/units':                   's s - - - - - - - - - - a s',
  'GET /admin/units/:slug':              's s - - - - - - - - - - a s',
  'POST /admin/units/:slug':             's s - - - - - - - - - - a s',
  'GET /admin/procedures':               's s - - - - - - - - - - a s',
  'POST /admin/procedures':              's s - - - - - - - - - - a s',
  'POST /admin/procedures/publish':      's s - - - - - - - - - - a s',
  'GET /admin/procedures/:kind':         's s - - - - - - - - - - a s',
  'POST /admin/procedures/:kind':        's s - - - - - - - - - - a s',
  'GET /admin/procedures/:kind/compare': 's s - - - - - - - - - - a s',
  'GET /admin/calendars':                's s - - - - - - - - - - a s',
  'POST /admin/calendars':               's s - - - - - - - - - - a s',
  'POST /admin/calendars/copy':          's s - - - - - - - - - - a s',
  'GET /admin/calendars/:year/:version': 's s - - - - - - - - - - a s',
  'POST /admin/calendars/:year/:version': 's s - - - - - - - - - - a s',
  'GET /admin/areas':                    's s - - - - - - - - - - a s',
  'POST /admin/areas':                   's s - - - - - - - - - - a s',
  'POST /admin/areas/take':              's s - - - - - - - - - - a s',
  'POST /admin/areas/names':             's s - - - - - - - - - - a s',
  'GET /admin/log':                      's s - - - - - - - - - - a s',
  // who closed it undoes it; who asked for a step takes it back, or throws away what was given back
  'POST /desk/case/:code/unclose':       's s - - - a - - - - - - - s',
  'POST /desk/case/:code/take-back':     's s - - - a - - - - - - - s',
  'POST /desk/case/:code/drop':          's s - - - a - - - - - - - s',
};

export const TABLE = Object.fromEntries(Object.entries(rows).map(([route, line]) => {
  const cells = line.split(' ');
  if (cells.length !== COLUMNS.length) throw new Error(`${route} has ${cells.length} cells`);
  return [route, Object.fromEntries(COLUMNS.map((c, i) => [c, cells[i]]))];
}));
