"""Prints a spreadsheet's cells as JSON: rows of {type, value, format}. Python's own zip and XML readers."""
import json
import sys
import xml.etree.ElementTree as ET
import zipfile

M = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
book = zipfile.ZipFile(sys.argv[1])
assert book.testzip() is None
for name in book.namelist():  # every part is well-formed
    ET.fromstring(book.read(name))
styles = ET.fromstring(book.read('xl/styles.xml'))
formats = {n.get('numFmtId'): n.get('formatCode') for n in styles.iter(f'{M}numFmt')}
looks = [formats.get(x.get('numFmtId'), x.get('numFmtId')) for x in styles.find(f'{M}cellXfs')]
shared = []
if 'xl/sharedStrings.xml' in book.namelist():
    shared = [''.join(t.text or '' for t in s.iter(f'{M}t')) for s in ET.fromstring(book.read('xl/sharedStrings.xml'))]
rows = []
for row in ET.fromstring(book.read('xl/worksheets/sheet1.xml')).iter(f'{M}row'):
    cells = []
    for c in row.iter(f'{M}c'):
        assert c.find(f'{M}f') is None, 'a formula'
        kind = c.get('t', 'n')
        value = ''.join(t.text or '' for t in c.iter(f'{M}t')) if kind == 'inlineStr' else c.findtext(f'{M}v', '')
        if kind == 's':
            kind, value = 'inlineStr', shared[int(value)]
        column = ''.join(x for x in c.get('r') if x.isalpha())
        cells.append({'column': column, 'type': kind, 'value': value, 'format': looks[int(c.get('s', 0))]})
    rows.append(cells)
json.dump(rows, sys.stdout)
