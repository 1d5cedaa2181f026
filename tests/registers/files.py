"""Files as other systems write them, and imports of them run to their end."""

import io
import zipfile

from services.registers.imports.use_cases.running import Importer
from tests.registers.given import a_pupil, a_school


def a_csv(*rows, titles="UPN,Date,Session,Mark", end="\r\n"):
    return (end.join([titles, *rows]) + end).encode()


def a_ctf(*blocks, upn="A801200005001", version="24.0"):
    """Each block: (LEA, Estab, start, marks)."""
    years = "".join(
        f"<YearData><Year>2025</Year><LEA>{lea}</LEA><Estab>{estab}</Estab><SchoolName>Former School</SchoolName>"
        f"<SessionsPossible>10</SessionsPossible><AttendSessions><AttendanceStartDate>{start}</AttendanceStartDate>"
        f"<AttendanceMarks>{marks}</AttendanceMarks></AttendSessions></YearData>"
        for lea, estab, start, marks in blocks
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<CTfile><Header><DocumentName>Common Transfer File</DocumentName>'
        f"<CTFversion>{version}</CTFversion><SourceSchool><LEA>999</LEA><Estab>9999</Estab></SourceSchool></Header>"
        f"<CTFpupilData>\n<Pupil><UPN>{upn}</UPN><Surname>X</Surname><Attendance>{years}</Attendance></Pupil>\n</CTFpupilData></CTfile>"
    ).encode()


def a_workbook(rows, more=""):
    """Return the smallest XLSX that spreadsheets open: texts inline, numbers as they are; (serial,) is a cell styled as a date.

    `more`: rows as they stand in the file.
    """
    cells = []
    for number, row in enumerate(rows, start=1):
        line = ""
        for place, value in enumerate(row):
            at = f"{chr(65 + place)}{number}"
            if isinstance(value, tuple):
                line += f'<c r="{at}" s="1"><v>{value[0]}</v></c>'
            elif isinstance(value, int | float):
                line += f'<c r="{at}"><v>{value}</v></c>'
            elif value is not None:
                text = value.replace("&", "&amp;").replace("<", "&lt;")
                line += f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
        cells.append(f'<row r="{number}">{line}</row>')
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="Marks" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{"".join(cells)}{more}</sheetData></worksheet>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def a_form(boundary="frontier", **parts):
    """Return a form whose parts are files."""
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{{0}}"; filename="C:\\x\\{{0}}"\r\n\r\n'
    written = b"".join(head.format(name).encode() + content + b"\r\n" for name, content in parts.items())
    return written + f"--{boundary}--\r\n".encode()


async def an_import(api, content, *, role="manager", schools=(), la_code=None, query="", **more):
    """Send a file by itself; return the answer."""
    headers = {"Content-Type": "application/octet-stream", **more}
    return await api.as_(role, schools=schools, la_code=la_code).post(f"/v1/imports{query}", content=content, headers=headers)


async def worked_through(database):
    """Let the worker do all that is to be imported."""
    importer = Importer()
    while await importer(database):
        pass


async def imported(api, database, content, **more):
    """Send a file, let the worker import it, and return what came of it."""
    answer = await an_import(api, content, **more)
    assert answer.status_code == 201, answer.text
    await worked_through(database)
    return (await api.as_("manager").get(answer.headers["Location"])).json()


async def refused(api, import_id, **query):
    """Return the report."""
    answer = await api.as_("manager").get(f"/v1/imports/{import_id}/report")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def counts(result):
    """Return what became of an import's marks, without what did not happen."""
    names = ("recorded", "unchanged", "amended", "ignored", "rejected")
    return {name: result[name] for name in names if result[name]}


async def given(api, pupils=2):
    await a_school(api)
    for number in range(1, pupils + 1):
        await a_pupil(api, number)
