// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <initializer_list>

QT_BEGIN_NAMESPACE
class QFormLayout;
class QGridLayout;
class QLabel;
class QWidget;
QT_END_NAMESPACE

/// What the editors of watches and of their limits are made of.
namespace weir::gui {

enum class Tone { Plain, Warning, Error };

/// A label under a field: what was understood, or what is wrong.
QLabel *hintLabel();

/// Empty text hides nothing: the place stays.
void setHint(QLabel *label, const QString &text, Tone tone);

/// A field with its hint beneath.
QWidget *withHint(QWidget *field, QLabel *hint);

/// A form in a widget of its own, which can be hidden as a whole.
QWidget *formWidget(QFormLayout *&form);

/// A form whose fields may wrap, which QFormLayout gives too little height: rows are made by addField().
QWidget *fieldsWidget(QGridLayout *&fields);

/// A row with its label beside `firstLine`, the top of `field`. The label, for hiding it.
QLabel *addField(QGridLayout *fields, const QString &label, QWidget *field, QWidget *firstLine);

/// Gives the labels of several forms one width.
void alignLabels(std::initializer_list<QFormLayout *> forms);

} // namespace weir::gui
