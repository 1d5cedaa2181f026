"""Letters: exactly as they were sent, those that were not sent, to be requested again, and those that bear a wrong date."""

from uuid import UUID

from fastapi import APIRouter, Response
from starlette.datastructures import FormData

from services.console.clients import Refused
from services.console.context import Context, PageContext
from services.console.pages.forms import REASON, FormAction, FormErrors, text_fields
from services.console.pages.people import load_pupils
from services.console.pages.refusals import sentences
from services.console.pages.schools import PAGE_SIZE, After
from services.console.pages.submission import submit
from services.console.responses.cases import Letter
from services.console.responses.values import ListResponse
from services.console.sign_in import Form
from shared.ids import new_id

router = APIRouter()

RETRIERS = ("aco", "business-support", "manager")
RETRY = FormAction(
    "retry",
    "retry",
    "Request the letter again",
    "Request the letter again",
    {"reason": "Say what was put right"},
    lambda form: text_fields(form, "reason"),
    lambda letter_id, _form: f"/v1/letters/{letter_id}/retries",
)


DECIDE = FormAction(
    "date-decision",
    "date-decision",
    "Decide about the wrong date",
    "Record the decision",
    {"corrects": "Choose whether a correcting letter is sent", "reason": REASON},
    lambda form: {"corrects": form.get("corrects") == "yes", **text_fields(form, "reason")},
    lambda letter_id, _form: f"/v1/letters/{letter_id}/date-decision",
)


@router.get("/letters")
async def list_letters(context: Context, after: After = None) -> Response:
    """The letters that were not sent, the oldest first."""
    found = await context.services.get("notifications", "/v1/letters", ListResponse[Letter], status="failed", after=after, limit=PAGE_SIZE)
    return context.render("letters.html", found=found, pupils=await load_pupils(context.services, [each.pupil_id for each in found.items]))


@router.get("/letters/misdated")
async def list_misdated(context: Context, after: After = None) -> Response:
    """The letters that went out with a wrong date and about which nobody has decided, the oldest first."""
    found = await context.services.get("notifications", "/v1/letters", ListResponse[Letter], misdated=True, after=after, limit=PAGE_SIZE)
    pupils = await load_pupils(context.services, [each.pupil_id for each in found.items])
    return context.render("letters_misdated.html", found=found, pupils=pupils)


@router.get("/letters/{letter_id}.pdf")
async def show_file(context: Context, letter_id: UUID) -> Response:
    """The file that was posted."""
    return await context.services.document("notifications", f"/v1/letters/{letter_id}.pdf", f"letter-{letter_id}.pdf")


@router.get("/letters/{letter_id}")
async def show_letter(context: Context, letter_id: UUID) -> Response:
    """How far one letter has come, with the form to request it again where it failed, or to decide about a wrong date on it."""
    return await _page(context, letter_id, FormData(), [], status=200)


@router.post("/letters/{letter_id}")
async def retry_letter(context: Context, letter_id: UUID, form: Form) -> Response:
    """Request a letter again; sent twice, it counts once."""

    async def page(errors: FormErrors | Refused, status: int) -> Response:
        return await _page(context, letter_id, form, errors, status=status)

    return await submit(context, "notifications", RETRY, letter_id, form, page, f"/letters/{letter_id}", "letter-requested")


@router.post("/letters/{letter_id}/date-decision")
async def decide_about_date(context: Context, letter_id: UUID, form: Form) -> Response:
    """Decide whether a correcting letter goes out about a wrong date; sent twice, it counts once."""

    async def page(errors: FormErrors | Refused, status: int) -> Response:
        return await _page(context, letter_id, form, errors, status=status)

    return await submit(context, "notifications", DECIDE, letter_id, form, page, f"/letters/{letter_id}", "date-decided")


async def _page(context: PageContext, letter_id: UUID, form: FormData, errors: FormErrors | Refused, *, status: int) -> Response:
    letter = await context.services.get("notifications", f"/v1/letters/{letter_id}", Letter)
    return context.render(
        "letter.html",
        status=status,
        letter=letter,
        pupils=await load_pupils(context.services, [letter.pupil_id]),
        may_retry=context.sign_in.person.has(*RETRIERS),
        form=form,
        errors=sentences(errors) if isinstance(errors, Refused) else errors,
        key=form.get("idempotency_key") or str(new_id()),
    )
