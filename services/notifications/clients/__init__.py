"""Whom this service asks: sister services for what a letter says, GOV.UK Notify to print and post it."""

from services.notifications.clients.govuk_notify import Notification, Notify, RefusedByProvider
from services.notifications.clients.sisters import ask_leave, ask_notice, ask_people, ask_policy, ask_school

__all__ = ["Notification", "Notify", "RefusedByProvider", "ask_leave", "ask_notice", "ask_people", "ask_policy", "ask_school"]
