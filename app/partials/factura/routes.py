from flask import Blueprint

blueprint = Blueprint("factura", __name__)
